package org.fl4j.privacy.dp;

import java.util.List;
import java.util.function.Function;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.privacy.accounting.Laplace;
import org.fl4j.privacy.accounting.LatticeNoise;
import org.fl4j.privacy.accounting.NearGaussian;
import org.fl4j.privacy.accounting.PrivacyEvent;
import org.fl4j.privacy.accounting.RandomizedResponse;
import org.fl4j.privacy.accounting.SampledGaussian;
import org.fl4j.privacy.accounting.VectorSkellam;

/** The binary form of an event: the code of its kind and its figures, as many as the largest event has, so that each is of one length. */
record EventForm(int code, Class<? extends PrivacyEvent> type, Function<double[], PrivacyEvent> event) {

    private static final int FIGURES = 4;

    private static final List<EventForm> FORMS = List.of(
            new EventForm(0, SampledGaussian.class, f -> new SampledGaussian(f[0], f[1])),
            new EventForm(1, NearGaussian.class, f -> new NearGaussian(f[0], f[1])),
            new EventForm(2, VectorSkellam.class, f -> new VectorSkellam(f[0], f[1], f[2])),
            new EventForm(3, LatticeNoise.class, f -> new LatticeNoise(f[0], (long) f[1], f[2], (long) f[3])),
            new EventForm(4, Laplace.class, f -> new Laplace(f[0], f[1])),
            new EventForm(5, RandomizedResponse.class, f -> new RandomizedResponse((long) f[0], f[1])));

    /**
     * Writes an event.
     *
     * @throws IllegalArgumentException if events of its kind have no form of fixed length
     */
    static void write(PrivacyEvent event, BinaryWriter out) {
        out.writeInt(of(event).code);
        double[] figures = new double[FIGURES];
        int i = 0;
        for (double figure : event.figures().values()) {
            figures[i++] = figure;
        }
        for (double figure : figures) {
            out.writeDouble(figure);
        }
    }

    /**
     * The form of an event's kind.
     *
     * @throws IllegalArgumentException if events of its kind have none
     */
    static EventForm of(PrivacyEvent event) {
        return FORMS.stream()
                .filter(form -> form.type.isInstance(event))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("a ledger must hold events of at most " + FIGURES
                        + " figures whose neighbours differ in a contribution that is"
                        + " replaced by nothing, but was given " + event));
    }

    static PrivacyEvent read(BinaryReader in) {
        int code = in.readInt();
        double[] figures = new double[FIGURES];
        for (int i = 0; i < FIGURES; i++) {
            figures[i] = in.readDouble();
        }
        return FORMS.stream()
                .filter(form -> form.code == code)
                .findFirst()
                .orElseThrow(() -> in.corrupt("no kind of event has the code " + code))
                .event
                .apply(figures);
    }
}
