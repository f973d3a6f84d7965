/** The embedded default: simulated servers and clouds, and the demo that runs on them. */
package io.stillpoint.sandbox;
