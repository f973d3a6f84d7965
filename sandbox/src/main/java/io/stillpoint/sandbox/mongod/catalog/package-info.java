/** Collections and indexes, and where their data is. */
package io.stillpoint.sandbox.mongod.catalog;
