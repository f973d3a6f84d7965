package io.stillpoint.mongo;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillpoint.model.ClusterTime;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.bson.BsonDocument;
import org.junit.jupiter.api.Test;

final class BsonFieldsTest {

  @Test
  void shouldReadFlagsThatServersWriteAsNumbers() {
    BsonDocument reply = BsonDocument.parse("{a:1,b:0,c:true,d:null,e:{f:2.0}}");
    assertThat(BsonFields.flag(reply, "a")).isTrue();
    assertThat(BsonFields.flag(reply, "b")).isFalse();
    assertThat(BsonFields.flag(reply, "c")).isTrue();
    assertThat(BsonFields.flag(reply, "d")).isFalse();
    assertThat(BsonFields.flag(reply, "e.f")).isTrue();
    assertThat(BsonFields.flag(reply, "missing.path")).isFalse();
  }

  @Test
  void shouldReadTheTimeOfATimestampAndOfAnOptime() {
    BsonDocument reply =
        BsonDocument.parse(
            "{plain:{$timestamp:{t:7,i:3}},optime:{ts:{$timestamp:{t:9,i:1}},t:{$numberLong:'2'}},"
                + "other:'x'}");
    assertThat(BsonFields.time(reply, "plain")).isEqualTo(new ClusterTime(7, 3));
    assertThat(BsonFields.time(reply, "optime")).isEqualTo(new ClusterTime(9, 1));
    assertThat(BsonFields.time(reply, "other")).isEqualTo(ClusterTime.ZERO);
    assertThat(BsonFields.time(reply, "missing")).isEqualTo(ClusterTime.ZERO);
  }

  @Test
  void shouldNotFollowAPathThroughAnythingButDocuments() {
    BsonDocument reply = BsonDocument.parse("{a:'text',b:[{c:1}]}");
    assertThat(BsonFields.value(reply, "a.b")).isEmpty();
    assertThat(BsonFields.value(reply, "b.c")).isEmpty();
  }

  @Property
  void shouldKeepClusterTimesBeyondTheSignBit(
      @ForAll @LongRange(max = 0xFFFFFFFFL) long seconds,
      @ForAll @LongRange(max = 0xFFFFFFFFL) long increment) {
    ClusterTime time = new ClusterTime(seconds, increment);
    assertThat(BsonFields.time(BsonFields.timestamp(time))).isEqualTo(time);
  }
}
