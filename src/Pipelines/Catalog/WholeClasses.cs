using System.Globalization;
using System.Numerics;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;

namespace Sconce.Pipelines.Catalog;

/// <summary>Maps labels to keys, and throws for fractional numbers, because each measurement would become a class.</summary>
/// <param name="mapping">Maps the label to keys.</param>
/// <param name="label">The label's column.</param>
internal sealed class WholeClasses(IEstimator<ITransformer> mapping, string label) : IEstimator<ITransformer>
{
    /// <exception cref="ArgumentException">A label is a fractional number.</exception>
    public ITransformer Fit(IDataView input)
    {
        var fitted = mapping.Fit(input);
        var keys = fitted.GetOutputSchema(input.Schema)[label].Annotations;
        if (input.Schema[label].Type == NumberDataViewType.Single)
            Check<float>(keys);
        else if (input.Schema[label].Type == NumberDataViewType.Double)
            Check<double>(keys);
        return fitted;
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => mapping.GetOutputSchema(inputSchema);

    private void Check<T>(DataViewSchema.Annotations keys)
        where T : IFloatingPoint<T>
    {
        VBuffer<T> values = default;
        keys.GetValue("KeyValues", ref values);
        foreach (var value in values.GetValues())
        {
            if (!T.IsInteger(value))
            {
                throw new ArgumentException(
                    $"Task is classification, but the label '{label}' has fractional values such as {value.ToString("G6", CultureInfo.InvariantCulture)}; "
                    + "classes are text or whole numbers. Predict such a number by regression.", "Task")
                    .About(property: "Task", column: label);
            }
        }
    }
}
