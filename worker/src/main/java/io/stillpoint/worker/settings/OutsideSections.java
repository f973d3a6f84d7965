package io.stillpoint.worker.settings;

import io.stillpoint.notification.Webhook;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Reads what connects a worker with tools that do not know Temporal. */
final class OutsideSections {
  private static final int SHORTEST_TOKEN = 16;

  private OutsideSections() {}

  static Map<String, Webhook> webhooks(SettingsReader root) {
    Map<String, Webhook> webhooks = new LinkedHashMap<>();
    root.named("notifications", "url")
        .forEach(
            (name, section) -> {
              Webhook webhook =
                  new Webhook(
                      name,
                      url(section),
                      secret(section, "secret-file"),
                      secret(section, "token-file"));
              section.finish();
              webhooks.put(name, webhook);
            });
    return webhooks;
  }

  /** The token of the HTTP endpoint; absent means that there is none. */
  static Optional<HttpToken> http(SettingsReader root) {
    SettingsReader section = root.section("http");
    Optional<String> token = secret(section, "token-file");
    section.finish();
    if (token.filter(t -> t.length() < SHORTEST_TOKEN).isPresent()) {
      throw section.invalid(
          "token-file", "holds a token of fewer than %d characters".formatted(SHORTEST_TOKEN));
    }
    return token.map(HttpToken::new);
  }

  private static URI url(SettingsReader section) {
    String text = section.requiredText("url");
    try {
      URI url = URI.create(text);
      if (url.getHost() != null && String.valueOf(url.getScheme()).matches("https?")) {
        return url;
      }
    } catch (IllegalArgumentException e) {
      throw section.invalid("url", "is not a URL");
    }
    throw section.invalid("url", "is not an http:// or https:// URL");
  }

  private static Optional<String> secret(SettingsReader section, String key) {
    return section.text(key).map(file -> secretIn(section, key, file));
  }

  private static String secretIn(SettingsReader section, String key, String file) {
    try {
      String secret = Files.readString(Path.of(file)).strip();
      if (!secret.isEmpty()) {
        return secret;
      }
    } catch (IOException e) {
      throw section.invalid(key, "names %s, which cannot be read".formatted(file));
    }
    throw section.invalid(key, "names %s, which is empty".formatted(file));
  }
}
