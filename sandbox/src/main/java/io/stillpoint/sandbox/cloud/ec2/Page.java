package io.stillpoint.sandbox.cloud.ec2;

import java.util.List;

/** One page of an answer; the token is where the next one begins. */
record Page<T>(List<T> items, String nextToken) {

  static <T> Page<T> of(List<T> all, Ec2Call call) {
    int from = call.text("NextToken").isEmpty() ? 0 : Integer.parseInt(call.text("NextToken"));
    int size = call.number("MaxResults", 1000);
    if (size < 5 || size > 1000) {
      throw Ec2Fault.bad("InvalidParameterValue", "MaxResults must be between 5 and 1000");
    }
    int to = Math.min(all.size(), from + size);
    return new Page<>(
        all.subList(Math.min(from, to), to), to < all.size() ? String.valueOf(to) : "");
  }

  void writeToken(Xml xml) {
    if (!nextToken.isEmpty()) {
      xml.text("nextToken", nextToken);
    }
  }
}
