/** Filters, updates, projections and aggregation stages. */
package io.stillpoint.sandbox.mongod.query;
