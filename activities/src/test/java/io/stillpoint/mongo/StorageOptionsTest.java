package io.stillpoint.mongo;

import static org.assertj.core.api.Assertions.assertThat;

import org.bson.BsonDocument;
import org.junit.jupiter.api.Test;

final class StorageOptionsTest {

  @Test
  void shouldFillInTheServersDefaults() {
    StorageOptions options = StorageOptions.of(BsonDocument.parse("{net:{port:27017}}"));
    assertThat(options.toJson())
        .isEqualTo(
            "{\"engine\": \"wiredTiger\", \"directoryPerDB\": false,"
                + " \"directoryForIndexes\": false, \"encryption\": false, \"cipherMode\": \"\"}");
  }

  @Test
  void shouldReadWhatDecidesTheLayoutAndNothingSecret() {
    StorageOptions options =
        StorageOptions.of(
            BsonDocument.parse(
                "{storage:{directoryPerDB:true,wiredTiger:{engineConfig:{directoryForIndexes:true}}},"
                    + "security:{enableEncryption:true,encryptionKeyFile:'/secret/key'}}"));
    assertThat(options.directoryPerDb()).isTrue();
    assertThat(options.directoryForIndexes()).isTrue();
    assertThat(options.cipherMode()).isEqualTo("AES256-CBC");
    assertThat(options.toJson()).doesNotContain("secret");
  }
}
