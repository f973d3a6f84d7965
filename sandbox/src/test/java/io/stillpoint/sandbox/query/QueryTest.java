package io.stillpoint.sandbox.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stillpoint.sandbox.wire.CommandException;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QueryTest {
  private static final BsonDocument ORDER =
      doc("{_id: 1, n: 5, tags: ['a', 'b'], at: {city: 'Bonn'}, lines: [{q: 1}, {q: 7}]}");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{_id: 1}                               | true",
        "{_id: {$numberLong: '1'}}              | true",
        "{n: {$gt: 5}}                          | false",
        "{n: {$gte: 5, $lt: 6}}                 | true",
        "{n: {$gt: 'a'}}                        | false",
        "{tags: 'b'}                            | true",
        "{tags: {$ne: 'b'}}                     | false",
        "{'at.city': {$in: ['Bonn', 'Ulm']}}    | true",
        "{'lines.q': 7}                         | true",
        "{lines: {$elemMatch: {q: {$gt: 7}}}}   | false",
        "{nothing: null}                        | true",
        "{nothing: {$exists: true}}             | false",
        "{$or: [{n: 1}, {'at.city': /^B/}]}     | true",
        "{n: {$not: {$gt: 4}}}                  | false",
        "{$nor: [{n: 1}, {n: 2}]}               | true",
        "{tags: {$all: ['a', 'b']}}             | true",
        "{tags: {$size: 1}}                     | false"
      })
  void shouldMatchAsTheServerDoes(String filter, boolean expected) {
    assertThat(Filter.parse(doc(filter)).test(ORDER)).isEqualTo(expected);
  }

  @Test
  void shouldRefuseUnknownOperatorsAndStages() {
    assertThatThrownBy(() -> Filter.parse(doc("{n: {$near: 1}}")))
        .isInstanceOf(CommandException.class);
    assertThatThrownBy(() -> Pipeline.check(List.of(doc("{$backupCursor: {}}"))))
        .isInstanceOfSatisfying(
            CommandException.class,
            e -> {
              assertThat(e.code()).isEqualTo(40324);
              assertThat(e).hasMessage("Unrecognized pipeline stage name: '$backupCursor'");
            });
  }

  @Test
  void shouldAggregate() {
    List<BsonDocument> stages =
        List.of(
            doc("{$match: {n: {$gt: 0}}}"),
            doc("{$group: {_id: '$k', s: {$sum: '$n'}, a: {$avg: '$n'}, m: {$max: '$n'}}}"),
            doc("{$sort: {_id: -1}}"));
    Stream<BsonDocument> input =
        Stream.of("{k: 1, n: 1}", "{k: 2, n: 2}", "{k: 1, n: 4}", "{k: 3, n: 0}")
            .map(QueryTest::doc);
    assertThat(Pipeline.run(input, stages))
        .containsExactly(doc("{_id: 2, s: 2, a: 2.0, m: 2}"), doc("{_id: 1, s: 5, a: 2.5, m: 4}"));
    assertThat(Pipeline.run(Stream.empty(), List.of(doc("{$count: 'n'}")))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{_id: 1, a: 1, b: {c: 1, d: 2}} | {u: {a: 2}}                 | {_id: 1, a: 2, b: {c: 1, d: 2}}",
        "{_id: 1, a: 1}                  | {d: {a: false}, i: {z: 3}}  | {_id: 1, z: 3}",
        "{_id: 1, b: {c: 1, d: 2}}       | {sb: {u: {c: 9}}}           | {_id: 1, b: {c: 9, d: 2}}",
        "{_id: 1, l: [1, 2, {q: 1}]}     | {sl: {a: true, u0: 7, s2: {u: {q: 8}}}} | {_id: 1, l: [7, 2, {q: 8}]}",
        "{_id: 1, l: [1, 2, 3]}          | {sl: {a: true, l: 1}}       | {_id: 1, l: [1]}"
      })
  void shouldApplyTheDiffsOfNewerServers(String before, String diff, String after) {
    BsonDocument entry = new BsonDocument("$v", new BsonInt32(2)).append("diff", doc(diff));
    assertThat(OplogUpdate.apply(doc(before), entry)).isEqualTo(doc(after));
  }

  @Test
  void shouldReproduceAnyUpdateFromItsOplogEntry() {
    Random random = new Random(7);
    for (int i = 0; i < 2_000; i++) {
      BsonDocument before = new BsonDocument("_id", new BsonInt32(1));
      BsonDocument after = new BsonDocument("_id", new BsonInt32(1));
      before.putAll(randomDocument(random, 2));
      after.putAll(randomDocument(random, 2));
      assertThat(OplogUpdate.apply(before, OplogUpdate.version1(before, after))).isEqualTo(after);
      assertThat(OplogUpdate.apply(before, OplogUpdate.version2(before, after))).isEqualTo(after);
    }
  }

  @Test
  void shouldOrderValuesAcrossTypes() {
    List<BsonValue> ordered =
        List.of(
            new org.bson.BsonMinKey(),
            org.bson.BsonNull.VALUE,
            new org.bson.BsonDouble(Double.NaN),
            new BsonInt64(-3),
            new org.bson.BsonDouble(2.5),
            new BsonInt32(3),
            new BsonInt64(Long.MAX_VALUE),
            new BsonString("a"),
            new BsonDocument(),
            new BsonArray(),
            org.bson.BsonBoolean.FALSE,
            new org.bson.BsonMaxKey());
    assertThat(ordered.stream().sorted(BsonOrder.INSTANCE.reversed()).sorted(BsonOrder.INSTANCE))
        .containsExactlyElementsOf(ordered);
  }

  private static BsonDocument randomDocument(Random random, int depth) {
    BsonDocument document = new BsonDocument();
    for (String name : List.of("a", "b", "s", "u")) {
      switch (random.nextInt(5)) {
        case 0 -> document.put(name, new BsonInt32(random.nextInt(3)));
        case 1 -> document.put(name, new BsonString("x" + random.nextInt(2)));
        case 2 -> document.put(name, new BsonArray(List.of(new BsonInt32(random.nextInt(2)))));
        case 3 -> {
          if (depth > 0) {
            document.put(name, randomDocument(random, depth - 1));
          }
        }
        default -> {}
      }
    }
    return document;
  }

  private static BsonDocument doc(String json) {
    return BsonDocument.parse(json);
  }
}
