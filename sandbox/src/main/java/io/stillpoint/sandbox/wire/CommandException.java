package io.stillpoint.sandbox.wire;

import java.util.List;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.bson.BsonValue;

/** A command that failed; becomes the reply {@code {ok: 0, errmsg, code, codeName}}. */
public final class CommandException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int code;
  private final String codeName;
  private final transient BsonDocument extra;

  public CommandException(int code, String codeName, String message) {
    this(code, codeName, message, new BsonDocument());
  }

  /** With {@code errorLabels}, which drivers use to decide whether to try again. */
  public CommandException(int code, String codeName, String message, List<String> errorLabels) {
    this(
        code,
        codeName,
        message,
        new BsonDocument(
            "errorLabels", new BsonArray(errorLabels.stream().map(BsonString::new).toList())));
  }

  /** With further fields for the reply. */
  public CommandException(int code, String codeName, String message, BsonDocument extra) {
    super(message);
    this.code = code;
    this.codeName = codeName;
    this.extra = extra;
  }

  /** The error that a reply with {@code ok: 0} tells of. */
  public static CommandException of(BsonDocument reply) {
    BsonDocument extra = reply.clone();
    List.of("ok", "errmsg", "code", "codeName").forEach(extra::remove);
    BsonValue code = reply.get("code", new BsonInt32(8));
    return new CommandException(
        code.asNumber().intValue(),
        reply.getString("codeName", new BsonString("UnknownError")).getValue(),
        reply.getString("errmsg", new BsonString("no errmsg in the reply")).getValue(),
        extra);
  }

  public int code() {
    return code;
  }

  public String codeName() {
    return codeName;
  }

  /** The reply document; new at every call, so that the caller may add fields. */
  public BsonDocument toReply() {
    BsonDocument reply =
        new BsonDocument("ok", new BsonDouble(0))
            .append("errmsg", new BsonString(getMessage()))
            .append("code", new BsonInt32(code))
            .append("codeName", new BsonString(codeName));
    if (extra != null) {
      reply.putAll(extra);
    }
    return reply;
  }
}
