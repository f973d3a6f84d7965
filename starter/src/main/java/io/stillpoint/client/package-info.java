/**
 * The client facade: what the command line can do, for other Java programs. Typed results; every
 * failure is a {@link io.stillpoint.error.StillpointException} with a stable code.
 */
package io.stillpoint.client;
