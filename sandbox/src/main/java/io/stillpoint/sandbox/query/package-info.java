/**
 * What the simulated mongos and the oracle know of MongoDB's query language: order of values,
 * filters, projections, the common aggregation stages, and the oplog's update formats. The
 * simulated mongod has its own code for these, so that the oracle does not share its mistakes.
 */
package io.stillpoint.sandbox.query;
