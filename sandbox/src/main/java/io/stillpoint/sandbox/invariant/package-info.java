/** What must be true of a cluster, its hosts and its catalog when every operation has ended. */
package io.stillpoint.sandbox.invariant;
