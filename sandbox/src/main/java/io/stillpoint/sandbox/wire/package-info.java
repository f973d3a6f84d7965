/**
 * MongoDB's wire protocol on plain sockets: {@code OP_MSG}, and {@code OP_QUERY} for the first
 * handshake of a driver.
 *
 * <p>It depends on nothing but {@code org.bson}, so that a simulated server starts fast.
 */
package io.stillpoint.sandbox.wire;
