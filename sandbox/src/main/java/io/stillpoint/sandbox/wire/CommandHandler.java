package io.stillpoint.sandbox.wire;

import org.bson.BsonDocument;

/** What a server does with commands. Called from one thread per connection. */
@FunctionalInterface
public interface CommandHandler {
  /**
   * Runs one command.
   *
   * @param db the database, from {@code $db}; that field is removed from the command
   * @param command the command, its name first; document sequences are already arrays in it
   * @return the whole reply, {@code ok} included; never sent when the client asked for none
   * @throws CommandException becomes the error reply
   */
  BsonDocument handle(Connection connection, String db, BsonDocument command);

  /** The connection is gone; called once, from the connection's own thread. */
  default void closed(Connection connection) {}
}
