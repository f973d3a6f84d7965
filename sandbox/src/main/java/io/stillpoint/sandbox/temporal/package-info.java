/** A real Temporal server of one process, where the program {@code temporal} is installed. */
package io.stillpoint.sandbox.temporal;
