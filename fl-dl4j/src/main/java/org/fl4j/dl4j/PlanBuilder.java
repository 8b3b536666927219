package org.fl4j.dl4j;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.fl4j.models.internal.Clipping;
import org.fl4j.models.internal.NativeFloats;
import org.fl4j.models.internal.Optimizer;
import org.fl4j.models.internal.Parameter;
import org.fl4j.models.internal.Plan;
import org.fl4j.models.internal.UpdateRule;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.AdaGrad;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.learning.regularization.L1Regularization;
import org.nd4j.linalg.learning.regularization.L2Regularization;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.linalg.learning.regularization.WeightDecay;

/** Gathers the stages of a plan over a network's own parameters, and reads how DL4J would step each. */
final class PlanBuilder {

    private final NativeFloats network;
    private final long origin;
    private final int capacity;
    private final List<Plan.Stage> stages = new ArrayList<>();

    PlanBuilder(INDArray flat, int capacity) {
        this.network = NativeFloats.over(address(flat), Math.toIntExact(flat.length()));
        this.origin = flat.offset();
        this.capacity = capacity;
    }

    private static Pointer address(INDArray flat) {
        return flat.data().addressPointer();
    }

    /** Rows of a mini-batch at most. */
    int capacity() {
        return capacity;
    }

    List<Plan.Stage> stages() {
        return stages;
    }

    /**
     * A parameter of a layer.
     *
     * @param order see {@link Parameter}
     * @param trainable whether gradients move it
     */
    Parameter parameter(Layer layer, String key, int @Nullable [] order, boolean trainable) {
        INDArray view = layer.getParam(key);
        return new Parameter(
                network, Math.toIntExact(view.offset() - origin), Math.toIntExact(view.length()), order, trainable);
    }

    /** Adds a layer without parameters. */
    void add(org.fl4j.models.internal.Layer kernel) {
        stages.add(new Plan.Stage(kernel, List.of(), Clipping.NONE));
    }

    /**
     * Adds a layer with parameters.
     *
     * @param layer DL4J's
     * @param keys its names of the kernel's parameters, in the kernel's order; statistics too
     */
    void add(org.fl4j.models.internal.Layer kernel, Layer layer, List<String> keys) throws NotCoveredException {
        List<UpdateRule> rules = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            rules.add(kernel.parameters().get(i).isTrainable() ? rule(layer, keys.get(i)) : UpdateRule.SGD);
        }
        stages.add(new Plan.Stage(kernel, rules, clipping(layer)));
    }

    private static UpdateRule rule(Layer layer, String key) throws NotCoveredException {
        Optimizer optimizer = optimizer(layer.getConfig().getUpdaterByParam(key));
        double l1 = 0;
        double l2 = 0;
        double decay = 0;
        boolean timesRate = false;
        List<Regularization> terms = layer.getConfig().getRegularizationByParam(key);
        for (Regularization term : terms == null ? List.<Regularization>of() : terms) {
            if (term instanceof L1Regularization t) {
                l1 += constant(t.getL1().valueAt(0, 0), t.getL1().valueAt(1000, 10), "an L1 schedule");
            } else if (term instanceof L2Regularization t) {
                l2 += constant(t.getL2().valueAt(0, 0), t.getL2().valueAt(1000, 10), "an L2 schedule");
            } else if (term instanceof WeightDecay t && (decay == 0 || timesRate == t.isApplyLR())) {
                // DL4J's builder for a whole network puts the same decay into its list twice, and DL4J applies both.
                decay +=
                        constant(t.getCoeff().valueAt(0, 0), t.getCoeff().valueAt(1000, 10), "a weight decay schedule");
                timesRate = t.isApplyLR();
            } else {
                throw new NotCoveredException(
                        "regularisation " + term.getClass().getSimpleName());
            }
        }
        return new UpdateRule(optimizer, l1, l2, decay, timesRate);
    }

    private static double constant(double atFirst, double later, String what) throws NotCoveredException {
        if (atFirst != later) {
            throw new NotCoveredException(what);
        }
        return atFirst;
    }

    private static Optimizer optimizer(IUpdater updater) throws NotCoveredException {
        Class<?> type = updater.getClass();
        if (type == Sgd.class) {
            return new Optimizer.Sgd();
        }
        if (type == Nesterovs.class && ((Nesterovs) updater).getMomentumISchedule() == null) {
            return new Optimizer.Nesterov(((Nesterovs) updater).getMomentum());
        }
        if (type == Adam.class) {
            Adam adam = (Adam) updater;
            return new Optimizer.Adam(adam.getBeta1(), adam.getBeta2(), adam.getEpsilon());
        }
        if (type == AdaGrad.class) {
            return new Optimizer.AdaGrad(((AdaGrad) updater).getEpsilon());
        }
        if (type == RmsProp.class) {
            RmsProp rms = (RmsProp) updater;
            return new Optimizer.RmsProp(rms.getRmsDecay(), rms.getEpsilon());
        }
        throw new NotCoveredException("the updater " + type.getSimpleName());
    }

    private static Clipping clipping(Layer layer) throws NotCoveredException {
        if (!(layer.conf().getLayer() instanceof BaseLayer base) || base.getGradientNormalization() == null) {
            return Clipping.NONE;
        }
        Clipping.Kind kind = switch (base.getGradientNormalization()) {
            case None -> Clipping.Kind.NONE;
            case RenormalizeL2PerLayer -> Clipping.Kind.RENORMALIZE_LAYER;
            case RenormalizeL2PerParamType -> Clipping.Kind.RENORMALIZE_PARAMETER;
            case ClipElementWiseAbsoluteValue -> Clipping.Kind.CLIP_VALUES;
            case ClipL2PerLayer -> Clipping.Kind.CLIP_LAYER;
            case ClipL2PerParamType -> Clipping.Kind.CLIP_PARAMETER;
        };
        return new Clipping(kind, base.getGradientNormalizationThreshold());
    }
}
