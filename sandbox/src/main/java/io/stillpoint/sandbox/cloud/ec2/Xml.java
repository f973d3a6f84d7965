package io.stillpoint.sandbox.cloud.ec2;

import java.time.Instant;
import java.util.Map;

/** Writes a response of EC2's query protocol, element by element. */
final class Xml {

  private final StringBuilder text = new StringBuilder();

  Xml open(String element) {
    text.append('<').append(element).append('>');
    return this;
  }

  Xml close(String element) {
    text.append("</").append(element).append('>');
    return this;
  }

  Xml text(String element, Object value) {
    return open(element).escaped(String.valueOf(value)).close(element);
  }

  Xml time(String element, Instant at) {
    return text(element, at);
  }

  Xml tags(Map<String, String> tags) {
    open("tagSet");
    tags.forEach((key, value) -> open("item").text("key", key).text("value", value).close("item"));
    return close("tagSet");
  }

  private Xml escaped(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '<' -> text.append("&lt;");
        case '>' -> text.append("&gt;");
        case '&' -> text.append("&amp;");
        default -> text.append(c);
      }
    }
    return this;
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
