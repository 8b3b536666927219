package org.fl4j.dl4j;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.fl4j.weights.ParameterSpec.ElementOrder;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.VariableType;
import org.nd4j.linalg.api.buffer.DataType;

/** Reads the layout off a graph and checks that the graph can be trained. */
final class SameDiffLayout {

    private SameDiffLayout() {}

    static ParameterLayout of(SameDiff graph, SameDiffModel.Names names) {
        if (graph.getTrainingConfig() == null || !graph.getTrainingConfig().isMinimize()) {
            throw new IllegalArgumentException("the graph must have a training configuration that minimises;"
                    + " call setTrainingConfig with an updater on it first");
        }
        Set<String> unknown = new TreeSet<>(names.statistics());
        List<ParameterSpec> specs = new ArrayList<>();
        for (SDVariable variable : variables(graph)) {
            boolean statistic = unknown.remove(variable.name());
            specs.add(new ParameterSpec(
                    variable.name(),
                    LongStream.of(variable.getArr().shape()).boxed().toList(),
                    ElementOrder.ROW_MAJOR,
                    statistic ? ParameterSpec.Role.STATISTIC : ParameterSpec.Role.TRAINABLE));
        }
        if (specs.isEmpty() || !unknown.isEmpty()) {
            throw new IllegalArgumentException("the graph has these variables of type VARIABLE: "
                    + specs.stream().map(ParameterSpec::name).toList() + ". Named as statistics but none of them: "
                    + unknown);
        }
        ParameterLayout layout = new ParameterLayout(variables(graph).get(0).dataType(), specs);
        requireDtypes(graph, names, layout.dtype());
        requireGradients(graph, names, layout);
        return layout;
    }

    /** The data of a client must have the placeholder's shape behind the batch dimension, where it is fixed. */
    static void requireFitting(SDVariable placeholder, List<Long> rowShape, String what) {
        long[] shape = placeholder.placeholderShape();
        if (shape == null) {
            return;
        }
        boolean fits = shape.length == rowShape.size() + 1;
        for (int i = 1; fits && i < shape.length; i++) {
            fits = shape[i] < 0 || shape[i] == rowShape.get(i - 1);
        }
        if (!fits) {
            throw new IllegalArgumentException("client data have " + what + " " + rowShape + " but placeholder '"
                    + placeholder.name() + "' is " + Arrays.toString(shape));
        }
    }

    /** By name: a graph that was saved and loaded has the same order. */
    private static List<SDVariable> variables(SameDiff graph) {
        return graph.variables().stream()
                .filter(variable -> variable.getVariableType() == VariableType.VARIABLE)
                .sorted(Comparator.comparing(SDVariable::name))
                .toList();
    }

    private static void requireDtypes(SameDiff graph, SameDiffModel.Names names, DataType dtype) {
        for (String name : List.of(names.features(), names.labels())) {
            if (!graph.hasVariable(name) || !graph.getVariable(name).isPlaceHolder()) {
                throw new IllegalArgumentException(
                        "the graph has no placeholder '" + name + "'; its inputs are " + new TreeSet<>(graph.inputs()));
            }
            requireDtype(graph.getVariable(name), dtype);
        }
        variables(graph).forEach(variable -> requireDtype(variable, dtype));
    }

    private static void requireDtype(SDVariable variable, DataType dtype) {
        if (variable.dataType() != dtype) {
            throw new IllegalArgumentException("parameters, features and labels must have one dtype, here " + dtype
                    + ", but was '" + variable.name() + "' is " + variable.dataType());
        }
    }

    private static void requireGradients(SameDiff graph, SameDiffModel.Names names, ParameterLayout layout) {
        List<String> outputs = new ArrayList<>(List.of(names.loss()));
        names.scores().ifPresent(outputs::add);
        for (String output : outputs) {
            if (!graph.hasVariable(output)) {
                throw new IllegalArgumentException("the graph has no variable '" + output + "'; there are "
                        + new TreeSet<>(graph.variableMap().keySet()));
            }
        }
        graph.setLossVariables(names.loss());
        String[] trainable = layout.specs().stream()
                .filter(spec -> spec.role() == ParameterSpec.Role.TRAINABLE)
                .map(ParameterSpec::name)
                .toArray(String[]::new);
        graph.createGradFunction(trainable);
        for (String name : trainable) {
            if (graph.getVariable(name).gradient() == null) {
                throw new IllegalArgumentException("the loss '" + names.loss() + "' does not depend on variable '"
                        + name + "'; name it as a statistic or make it a constant");
            }
        }
    }
}
