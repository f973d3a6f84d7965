package io.stillpoint.sandbox.cloud.ec2;

/** An error as EC2 answers it. */
final class Ec2Fault extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String code;
  private final int status;

  Ec2Fault(String code, int status, String message) {
    super(message);
    this.code = code;
    this.status = status;
  }

  static Ec2Fault bad(String code, String message) {
    return new Ec2Fault(code, 400, message);
  }

  String code() {
    return code;
  }

  int status() {
    return status;
  }

  String xml() {
    return new Xml()
        .open("Response")
        .open("Errors")
        .open("Error")
        .text("Code", code)
        .text("Message", getMessage())
        .close("Error")
        .close("Errors")
        .text("RequestID", "00000000-0000-0000-0000-000000000000")
        .close("Response")
        .toString();
  }
}
