package io.stillpoint.sandbox.mongo;

import io.stillpoint.sandbox.wire.CommandException;
import io.stillpoint.sandbox.wire.WireServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.bson.BsonDocument;

/**
 * Answers the driver with what a test says and remembers every command: for what servers do too
 * rarely to wait for, and for what exactly is sent.
 */
public final class ScriptedServer implements AutoCloseable {

  private final Map<String, Function<BsonDocument, BsonDocument>> answers =
      new ConcurrentHashMap<>();
  private final List<BsonDocument> received = new CopyOnWriteArrayList<>();
  private final WireServer server;

  public ScriptedServer() {
    try {
      server =
          WireServer.start(
              InetAddress.getLoopbackAddress(), 0, (connection, db, command) -> answer(command));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    on("hello", c -> hello());
    on("isMaster", c -> hello());
    on("ismaster", c -> hello());
    on("endSessions", c -> BsonDocument.parse("{ok:1}"));
  }

  public String address() {
    return "127.0.0.1:" + server.port();
  }

  /** Answers a command, or an aggregation by its first stage's name. */
  public ScriptedServer on(String name, Function<BsonDocument, BsonDocument> answer) {
    answers.put(name, answer);
    return this;
  }

  ScriptedServer on(String name, String json) {
    return on(name, command -> BsonDocument.parse(json));
  }

  /** Answers the first calls with the given documents, every later one with the last. */
  ScriptedServer inTurn(String name, String... replies) {
    int[] calls = new int[1];
    return on(
        name,
        command -> {
          synchronized (calls) {
            return BsonDocument.parse(replies[Math.min(calls[0]++, replies.length - 1)]);
          }
        });
  }

  /** What was received under that name, in order. */
  List<BsonDocument> received(String name) {
    return received.stream().filter(c -> nameOf(c).equals(name)).toList();
  }

  @Override
  public void close() {
    server.close();
  }

  private BsonDocument answer(BsonDocument command) {
    received.add(command.clone());
    Function<BsonDocument, BsonDocument> answer = answers.get(nameOf(command));
    if (answer == null) {
      throw new CommandException(59, "CommandNotFound", "no such command: " + nameOf(command));
    }
    return answer.apply(command);
  }

  private BsonDocument hello() {
    return BsonDocument.parse(
        ("{ok:1,isWritablePrimary:true,ismaster:true,setName:'rs0',setVersion:1,"
                + "hosts:['%1$s'],primary:'%1$s',me:'%1$s',maxBsonObjectSize:16777216,"
                + "maxMessageSizeBytes:48000000,maxWriteBatchSize:100000,"
                + "logicalSessionTimeoutMinutes:30,minWireVersion:0,maxWireVersion:9,"
                + "localTime:{$date:{$numberLong:'1700000600000'}},"
                + "lastWrite:{lastWriteDate:{$date:{$numberLong:'1700000600000'}},opTime:{ts:{$timestamp:{t:100,i:5}},t:{$numberLong:'1'}},"
                + "majorityOpTime:{ts:{$timestamp:{t:100,i:5}},t:{$numberLong:'1'}}}}")
            .formatted(address()));
  }

  private static String nameOf(BsonDocument command) {
    return command.isArray("pipeline") && command.get("aggregate").isNumber()
        ? command.getArray("pipeline").get(0).asDocument().getFirstKey()
        : command.getFirstKey();
  }
}
