/**
 * What the simulated mongod and mongos know of MongoDB's query language: order of values, filters,
 * projections, updates, the common aggregation stages, and the oplog's update formats.
 */
package io.stillpoint.sandbox.query;
