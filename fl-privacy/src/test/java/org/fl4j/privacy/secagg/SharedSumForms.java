package org.fl4j.privacy.secagg;

import java.util.List;
import java.util.stream.Stream;
import org.fl4j.ClientId;
import org.fl4j.privacy.secagg.internal.crypto.MlKem768;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.privacy.secagg.internal.message.MessageHeader;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Announcement;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.HolderKey;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Included;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Opened;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Part;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Request;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Seed;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.ServerKeys;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Shares;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Sum;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Transfer;
import org.fl4j.testkit.GoldenFiles.Form;

/** The binary forms of a sum among servers. */
public final class SharedSumForms {

    private static final Bytes SESSION = bytes(0xA0, 32);
    private static final Bytes KEY = bytes(0x30, 32);
    private static final ServerKeys KEYS = new ServerKeys(KEY, bytes(0, MlKem768.ENCAPSULATION_KEY_BYTES));
    private static final HolderKey HOLDER = new HolderKey(SESSION, KEYS, bytes(0x40, 64));
    private static final Part PART = new Part(bytes(0, MlKem768.CIPHERTEXT_BYTES), bytes(0x60, 48));
    private static final String TASK = "0123456789abcdef".repeat(4);

    private SharedSumForms() {}

    /** One of each. */
    public static Stream<Form<?>> all() {
        return Stream.of(
                new Form<>(
                        "shared-sum-announcement",
                        "SharedMessages.ANNOUNCEMENT",
                        new Announcement(12, bytes(0x10, 5), bytes(0x20, 6), KEYS),
                        Announcement::toBytes,
                        Announcement::fromBytes),
                new Form<>(
                        "shared-sum-holder_key",
                        "SharedMessages.HOLDER_KEY",
                        HOLDER,
                        HolderKey::toBytes,
                        HolderKey::fromBytes),
                new Form<>(
                        "shared-sum-request",
                        "SharedMessages.REQUEST",
                        new Request(bytes(0x10, 5), List.of(HOLDER, new HolderKey(SESSION, KEYS, bytes(0x50, 64)))),
                        Request::toBytes,
                        Request::fromBytes),
                new Form<>(
                        "shared-sum-shares",
                        "SharedMessages.SHARES",
                        new Shares(
                                new MessageHeader(SESSION, 7, new ClientId("clinic é")),
                                TASK,
                                KEY,
                                List.of(PART, new Part(PART.encapsulated(), bytes(0x50, 7)))),
                        Shares::toBytes,
                        Shares::fromBytes),
                new Form<>(
                        "shared-sum-transfer",
                        "SharedMessages.TRANSFER",
                        new Transfer(
                                SESSION,
                                TASK,
                                List.of(
                                        new Seed(3, new ClientId("clinic é"), KEY, PART),
                                        new Seed(5, new ClientId("ward"), SESSION, PART))),
                        Transfer::toBytes,
                        Transfer::fromBytes),
                new Form<>(
                        "shared-sum-opened",
                        "SharedMessages.OPENED",
                        new Opened(SESSION, bytes(0x09, 2)),
                        Opened::toBytes,
                        Opened::fromBytes),
                new Form<>(
                        "shared-sum-included",
                        "SharedMessages.INCLUDED",
                        new Included(SESSION, bytes(0x07, 2)),
                        Included::toBytes,
                        Included::fromBytes),
                new Form<>(
                        "shared-sum-sum",
                        "SharedMessages.SUM",
                        new Sum(SESSION, bytes(0x80, 9)),
                        Sum::toBytes,
                        Sum::fromBytes));
    }

    private static Bytes bytes(int first, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (first + i);
        }
        return Bytes.owning(bytes);
    }
}
