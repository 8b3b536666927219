package org.fl4j.privacy.audit;

import org.fl4j.ClientId;
import org.fl4j.client.Client;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.TrainingTask;
import org.fl4j.client.UpdateRejectedException;
import org.fl4j.compression.Codec;
import org.fl4j.compression.CompressedDelta;
import org.fl4j.model.Evaluation;
import org.fl4j.random.Seeds;
import org.fl4j.weights.ModelDelta;

/**
 * A client that sends a direction, if its coin put it in, and rejects every task if not: then its contribution is zero, in the clear and under
 * masks, which is the neighbour that the guarantee is about.
 */
record Canary(ClientId id, int number, AuditSession session) implements Client {

    @Override
    public ClientUpdate train(TrainingTask task) {
        if (!session.secrets().isIn(number)) {
            throw new UpdateRejectedException("a canary of an audit contributes nothing");
        }
        AuditTerms terms = session.terms();
        ModelDelta delta =
                session.directions(task.global().layout()).times(number, terms.norm() * Tally.sign(task.round()));
        ClientUpdate update = ClientUpdate.of(id, task, delta, terms.examples());
        return task.uplink().isNone()
                ? update
                : update.encodedAs(CompressedDelta.of(
                        Codec.of(task.uplink().codec()), delta, Seeds.derive(task.seed(), "uplink")));
    }

    @Override
    public Evaluation evaluate(EvaluationTask task) {
        throw new UpdateRejectedException("a canary of an audit has no data");
    }
}
