package io.stillpoint.mongo;

import static org.assertj.core.api.Assertions.assertThat;

import org.bson.BsonDocument;
import org.bson.BsonString;
import org.junit.jupiter.api.Test;

final class CursorOwnerTest {

  private static final CursorOwner SECOND_TRY = new CursorOwner("shop", "shop-1", 1, 2);

  @Test
  void shouldRecogniseItsOwnComment() {
    BsonDocument command = new BsonDocument("comment", SECOND_TRY.toComment());
    assertThat(CursorOwner.parse(command)).contains(SECOND_TRY);
  }

  @Test
  void shouldNotClaimSomebodyElsesCursor() {
    assertThat(CursorOwner.parse(new BsonDocument())).isEmpty();
    assertThat(CursorOwner.parse(new BsonDocument("comment", new BsonString("stillpoint"))))
        .isEmpty();
    assertThat(
            CursorOwner.parse(
                BsonDocument.parse("{comment:{owner:'pbm',cluster:'shop',operation:'shop-1'}}")))
        .isEmpty();
  }

  @Test
  void shouldLetOnlyTheLaterTryReplaceACursor() {
    CursorOwner first = new CursorOwner("shop", "shop-1", 1, 1);
    CursorOwner nextAttempt = new CursorOwner("shop", "shop-1", 2, 1);
    assertThat(SECOND_TRY.supersedes(first)).isTrue();
    assertThat(first.supersedes(SECOND_TRY)).isFalse();
    assertThat(SECOND_TRY.supersedes(SECOND_TRY)).isTrue();
    assertThat(nextAttempt.supersedes(SECOND_TRY)).isTrue();
    assertThat(SECOND_TRY.supersedes(nextAttempt)).isFalse();
  }

  @Test
  void shouldNotReplaceACursorOfAnotherOperationOrCluster() {
    assertThat(SECOND_TRY.supersedes(new CursorOwner("shop", "shop-2", 1, 1))).isFalse();
    assertThat(SECOND_TRY.supersedes(new CursorOwner("other", "shop-1", 1, 1))).isFalse();
  }
}
