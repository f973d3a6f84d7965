/**
 * Load for a cluster, and the answer to what has to be in it at a given cluster time. Works the
 * same on simulated and on real servers.
 */
package io.stillpoint.sandbox.load;
