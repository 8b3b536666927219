package org.fl4j.server.report;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.TrainingTask;
import org.fl4j.internal.Check;

/**
 * How many bytes the messages of a round have, in binary form: down to the clients and up from them. They are the lengths
 * of {@link TrainingTask#toBytes}, {@link ClientUpdate#toBytes} and a secure protocol's messages, counted and not
 * estimated, also where nothing is encoded because the clients are in this JVM. What a transport adds is not in them.
 *
 * <p>The stages of a rule in the clear are {@value #TRAINING} alone. Those of a secure rule are {@value #TASK}, the training
 * task once for each client that was asked anything, and the protocol's own, by their names.
 *
 * <ul>
 *   <li>Down counts for each client that was asked: not for one that was busy or not started. In virtual time all of an
 *       over-selected cohort are asked at once, also those that are late or not needed and so do not train; under a secure
 *       rule, what such a client would be sent does not count, as no message is made for it.
 *   <li>Up counts for each answer that arrived in time, also where it was rejected.
 *   <li>A call that {@code ClientProvider.retrying} repeats counts once.
 *   <li>Where blocks are trained elsewhere, each client's task and update count as though they had travelled, so that the
 *       figures are those of a run in one process.
 *   <li>Evaluations are not in a round and do not count.
 * </ul>
 *
 * <p>Privacy: what a round carried shows how many clients took part, and lengths show more, such as whose ids are long. So
 * under a private rule there is {@link PerClient}, which says nothing about any client; where the host declares
 * participation counts public, {@link Total} is that constant times the counts.
 */
public sealed interface Traffic {

    /** The one stage of a rule in the clear. */
    String TRAINING = "TRAINING";

    /** The stage of a secure rule's round that stands for the training tasks. */
    String TASK = "TASK";

    /**
     * By stage.
     *
     * @return in the order of the stages
     */
    Map<String, Bytes> byStage();

    /**
     * What the round carried in all.
     *
     * @return empty where the number of clients is private
     */
    default Optional<Bytes> total() {
        return this instanceof Total all ? Optional.of(all.sum()) : Optional.empty();
    }

    /**
     * What one client of the round is sent and sends, the same for each: the length of the task, and of the
     * {@linkplain ClientUpdate#shortestAnswerTo shortest update} that answers it. Under a secure rule the task alone, as the
     * lengths of a protocol's messages depend on how many clients are left.
     *
     * @param byStage in the order of the stages
     */
    record PerClient(Map<String, Bytes> byStage) implements Traffic {

        /** Copies the map. */
        public PerClient {
            byStage = copied(byStage);
        }
    }

    /**
     * What a round carried.
     *
     * @param byStage in the order of the stages; empty where nobody was asked
     */
    record Total(Map<String, Bytes> byStage) implements Traffic {

        /** Copies the map. */
        public Total {
            byStage = copied(byStage);
        }

        /** Over all stages. */
        public Bytes sum() {
            return byStage.values().stream().reduce(Bytes.NONE, Bytes::plus);
        }
    }

    /**
     * Bytes in both directions.
     *
     * @param down to clients, at least 0
     * @param up from clients, at least 0
     */
    record Bytes(long down, long up) {

        /** Nothing was sent. */
        public static final Bytes NONE = new Bytes(0, 0);

        /**
         * Checks the ranges.
         *
         * @throws IllegalArgumentException if one is negative
         */
        public Bytes {
            Check.atLeast("down", down, 0);
            Check.atLeast("up", up, 0);
        }

        /** These and others. */
        public Bytes plus(Bytes others) {
            return new Bytes(down + others.down, up + others.up);
        }
    }

    private static Map<String, Bytes> copied(Map<String, Bytes> stages) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(stages));
    }
}
