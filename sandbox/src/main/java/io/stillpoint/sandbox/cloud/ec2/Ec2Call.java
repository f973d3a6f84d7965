package io.stillpoint.sandbox.cloud.ec2;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One request of the query protocol: a form in which lists are numbered from one. */
record Ec2Call(Map<String, String> form) {

  static Ec2Call parse(String body) {
    Map<String, String> form = new LinkedHashMap<>();
    for (String pair : body.split("&")) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        form.put(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
      }
    }
    return new Ec2Call(form);
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  String action() {
    return form.getOrDefault("Action", "");
  }

  boolean has(String name) {
    return form.containsKey(name);
  }

  String text(String name) {
    return form.getOrDefault(name, "");
  }

  String required(String name) {
    String value = form.get(name);
    if (value == null || value.isEmpty()) {
      throw Ec2Fault.bad(
          "MissingParameter", "The request must contain the parameter %s".formatted(name));
    }
    return value;
  }

  int number(String name, int otherwise) {
    return has(name) ? Integer.parseInt(text(name)) : otherwise;
  }

  boolean flag(String name) {
    return Boolean.parseBoolean(text(name));
  }

  List<String> list(String name) {
    List<String> values = new ArrayList<>();
    for (int i = 1; has(name + "." + i); i++) {
      values.add(text(name + "." + i));
    }
    return values;
  }

  /** Filters by name; a thing matches a filter if any of the filter's values matches. */
  Map<String, List<String>> filters() {
    Map<String, List<String>> filters = new LinkedHashMap<>();
    for (int i = 1; has("Filter." + i + ".Name"); i++) {
      filters.put(text("Filter." + i + ".Name"), list("Filter." + i + ".Value"));
    }
    return filters;
  }

  /** Tags to put on what is created. */
  Map<String, String> tagsOnCreation(String resourceType) {
    Map<String, String> tags = new LinkedHashMap<>();
    for (int i = 1; has("TagSpecification." + i + ".ResourceType"); i++) {
      if (text("TagSpecification." + i + ".ResourceType").equals(resourceType)) {
        tags.putAll(tags("TagSpecification." + i + ".Tag"));
      }
    }
    return tags;
  }

  Map<String, String> tags(String prefix) {
    Map<String, String> tags = new LinkedHashMap<>();
    for (int i = 1; has(prefix + "." + i + ".Key"); i++) {
      String key = text(prefix + "." + i + ".Key");
      if (key.startsWith("aws:") || key.length() > 128) {
        throw Ec2Fault.bad("InvalidParameterValue", "Tag key '%s' is not allowed".formatted(key));
      }
      tags.put(key, text(prefix + "." + i + ".Value"));
    }
    if (tags.size() > 50) {
      throw Ec2Fault.bad("TagLimitExceeded", "The maximum number of tags is 50");
    }
    return tags;
  }

  /** All parameters but the token, to tell a repetition from another request. */
  Set<String> fingerprint() {
    Set<String> all = new LinkedHashSet<>();
    form.forEach((key, value) -> all.add(key + "=" + value));
    return all;
  }
}
