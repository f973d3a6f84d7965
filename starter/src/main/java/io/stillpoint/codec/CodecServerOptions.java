package io.stillpoint.codec;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.Set;

/**
 * Who may ask a codec server.
 *
 * @param address port 0 for any free one
 * @param origins of the web pages that may ask, such as {@code http://127.0.0.1:8233}; a request
 *     that names another one is refused
 * @param token required as {@code Authorization: Bearer TOKEN}, if given
 */
public record CodecServerOptions(
    InetSocketAddress address, Set<String> origins, Optional<String> token) {
  public CodecServerOptions {
    origins = Set.copyOf(origins);
    if (address.isUnresolved()) {
      throw new StillpointException(
          ErrorCode.BAD_INPUT,
          "the host '%s' is not known".formatted(address.getHostString()),
          "give --listen as HOST:PORT");
    }
    if (!address.getAddress().isLoopbackAddress() && token.isEmpty()) {
      throw new StillpointException(
          ErrorCode.BAD_INPUT,
          "at %s others could have everything decrypted, but no token is required of them"
              .formatted(address.getHostString()),
          "listen on 127.0.0.1, or add --token-file FILE");
    }
  }
}
