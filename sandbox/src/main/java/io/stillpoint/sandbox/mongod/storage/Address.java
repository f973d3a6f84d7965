package io.stillpoint.sandbox.mongod.storage;

/** Where a block is: offset, bytes used, checksum. Length 0 means that there is no block. */
record Address(long offset, int length, int checksum) {
  static final Address NONE = new Address(0, 0, 0);

  boolean isPresent() {
    return length > 0;
  }
}
