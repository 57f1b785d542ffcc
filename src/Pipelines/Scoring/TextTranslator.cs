using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Pipelines;

/// <summary>Translates texts with a text-to-text model.</summary>
public static class TextTranslator
{
    /// <summary>Translates texts, in order.</summary>
    /// <exception cref="InvalidDataException">
    /// The model is not a text-to-text model, or a text is empty or longer than any in its training data; the message has its index, from 0.
    /// </exception>
    public static IReadOnlyList<Translation> Translate(MLContext ml, ModelFile model, IReadOnlyList<string> texts)
    {
        var (input, objective) = model.Translator;
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[0].ColumnName = input.Name;
        var data = ml.Data.LoadFromEnumerable(texts.Select(text => new Row { Text = text }), schema);
        var outputs = model.Transform(data, objective.OutputColumnName).GetColumn<string>(objective.OutputColumnName);
        return [.. texts.Zip(outputs, (text, output) => new Translation(text, output))];
    }

    private sealed class Row
    {
        public string Text { get; set; } = "";
    }
}
