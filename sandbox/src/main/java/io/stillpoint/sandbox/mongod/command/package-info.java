/** What clients can ask for. */
package io.stillpoint.sandbox.mongod.command;
