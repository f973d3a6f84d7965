package io.stillpoint.model;

/**
 * The catalog as one process sees it; two that work together must see the same.
 *
 * @param place for people, without a password
 * @param identity what tells it from every other catalog; empty if no control worker made one yet
 * @param problem why it cannot be read; else empty
 */
public record SeenCatalog(String place, String identity, String problem) {}
