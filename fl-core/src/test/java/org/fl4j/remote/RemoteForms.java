package org.fl4j.remote;

import java.util.List;
import org.fl4j.ClientId;
import org.fl4j.testkit.GoldenFiles.Form;

/** The forms of the messages, which only this package sees. */
public final class RemoteForms {

    private static final ClientId CLINIC = new ClientId("clinic é");
    private static final RequestId ID = new RequestId(0x0123_4567_89AB_CDEFL, 0xFEDC_BA98_7654_3210L);
    private static final byte[] TASK = {1, 2, 3};
    private static final byte[] MESSAGE = {4, 5};

    private RemoteForms() {}

    public static List<Form<?>> all() {
        Request stage = new Request(
                CLINIC, ID, Request.Kind.STAGE, 0x70C3_0000_0000_70C3L, Payload.of(TASK), Payload.of(MESSAGE));
        return List.of(
                new Form<>("remote-request", "Request.KIND", stage, Request::toBytes, Request::fromBytes),
                new Form<>(
                        "remote-answer",
                        "Answer.KIND",
                        Answer.completed(stage, MESSAGE),
                        Answer::toBytes,
                        Answer::fromBytes),
                new Form<>(
                        "remote-answer-failed",
                        "Answer.KIND",
                        Answer.without(stage, Answer.Outcome.FAILED, "no data today"),
                        Answer::toBytes,
                        Answer::fromBytes));
    }
}
