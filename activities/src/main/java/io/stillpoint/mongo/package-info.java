/**
 * Adapters to MongoDB's servers: topology, backup cursors, the consistent point, the balancer, and
 * what a restore has to write and prove. Plain driver calls over direct connections; no Temporal,
 * no cloud.
 */
package io.stillpoint.mongo;
