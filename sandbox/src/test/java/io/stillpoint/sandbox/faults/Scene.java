package io.stillpoint.sandbox.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.stream.IntStream;
import org.bson.BsonDocument;

/** A world with data, and the backup of it that every restore of the campaign uses. */
record Scene(Shape shape, FaultWorld world, Orders orders, Map<String, BsonDocument> atBase)
    implements AutoCloseable {

  static final String BASE = "base";

  private static final int DOCUMENTS = 300;

  static Scene open(Shape shape, Path temporal, Path directory) {
    FaultWorld world = new FaultWorld(shape, temporal, directory);
    try {
      Orders orders = new Orders(world.cluster());
      orders.add(IntStream.range(0, DOCUMENTS).mapToObj(i -> "first-" + i).toList());
      world.workers().awaitUp();
      assertThat(StruckOperation.backup(world, BASE).await()).isEqualTo("COMPLETED");
      return new Scene(shape, world, orders, orders.all());
    } catch (RuntimeException | Error e) {
      world.close();
      throw e;
    }
  }

  @Override
  public void close() {
    world.close();
  }
}
