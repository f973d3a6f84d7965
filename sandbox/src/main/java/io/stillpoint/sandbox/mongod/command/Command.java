package io.stillpoint.sandbox.mongod.command;

import org.bson.BsonDocument;

/** What the server does for one command name. */
@FunctionalInterface
interface Command {
  /**
   * Runs the command.
   *
   * @return the reply without {@code ok} and the cluster times
   */
  BsonDocument run(Request request) throws InterruptedException;
}
