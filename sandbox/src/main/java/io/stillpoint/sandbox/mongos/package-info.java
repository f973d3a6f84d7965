/**
 * A mongos look-alike: routes commands to simulated mongods by the metadata in the config server's
 * ordinary collections. One router per cluster: a second one would not learn of moved chunks at
 * once, because simulated shards do not check shard versions.
 */
package io.stillpoint.sandbox.mongos;
