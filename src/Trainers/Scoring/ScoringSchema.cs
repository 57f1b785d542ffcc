using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Trainers.Columns;
using Sconce.Trainers.Interop;

namespace Sconce.Trainers.Scoring;

/// <summary>A scorer bound to one schema: the input's columns at the same indices, followed by the score columns.</summary>
internal sealed class ScoringSchema
{
    private static readonly MethodInfo _scalar = typeof(ScoringSchema).GetMethod(nameof(CreateScalar), BindingFlags.NonPublic | BindingFlags.Static)!;
    private static readonly MethodInfo _vector = typeof(ScoringSchema).GetMethod(nameof(CreateVector), BindingFlags.NonPublic | BindingFlags.Static)!;

    public ScoringSchema(IBatchScorer scorer, DataViewSchema input)
    {
        scorer.Lifetime.ThrowIfDisposed();
        Scorer = scorer;
        Input = input;
        Feature = scorer.Bind(input);
        Columns = scorer.Columns;
        Output = ScoreAnnotations.Append(input, Columns);
    }

    public IBatchScorer Scorer { get; }

    public DataViewSchema Input { get; }

    public DataViewSchema Output { get; }

    public ColumnBinding Feature { get; }

    public IReadOnlyList<ScoreColumn> Columns { get; }

    public bool IsScore(DataViewSchema.Column column) => column.Index >= Input.Count;

    /// <summary>Allocates memory for the scores of <paramref name="capacity"/> rows in the output columns that will be read.</summary>
    public ScoreBatch CreateBatch(Func<DataViewSchema.Column, bool> isActive, int capacity) =>
        new(Columns, [.. Output.Skip(Input.Count).Select(isActive)], capacity);

    /// <summary>The input columns that are needed to compute <paramref name="wanted"/>.</summary>
    public IEnumerable<DataViewSchema.Column> Dependencies(IEnumerable<DataViewSchema.Column> wanted)
    {
        var columns = wanted.ToList();
        var needed = columns.Where(column => !IsScore(column)).Select(column => column.Index).ToHashSet();
        if (columns.Exists(IsScore))
            needed.UnionWith(Feature.ColumnNames.Select(name => Input[name].Index));
        return Input.Where(column => needed.Contains(column.Index));
    }

    /// <summary>Creates the getter of a score column.</summary>
    /// <param name="column">The column, in <see cref="Output"/>.</param>
    /// <param name="locate">Returns the scores of the cursor's current row, and the row's index in them.</param>
    public Delegate CreateGetter(DataViewSchema.Column column, Func<(ScoreBatch Scores, int Row)> locate)
    {
        var index = column.Index - Input.Count;
        switch (column.Type)
        {
            case TextDataViewType:
                return (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) =>
                {
                    var (scores, row) = locate();
                    value = scores.Text(index, row);
                });
            case VectorDataViewType { ItemType: KeyDataViewType }:
                return CreateVectorGetter(locate, (scores, row) => scores.Keys(index, row));
            case VectorDataViewType vector:
                return Create(_vector, vector.ItemType.RawType);
            default:
                return Create(_scalar, column.Type.RawType);
        }

        Delegate Create(MethodInfo method, Type type) =>
            method.MakeGenericMethod(type).CreateDelegate<Func<Func<(ScoreBatch Scores, int Row)>, int, Delegate>>()(locate, index);
    }

    private static ValueGetter<T> CreateScalar<T>(Func<(ScoreBatch Scores, int Row)> locate, int index) => (ref T value) =>
    {
        var (scores, row) = locate();
        value = scores.Values<T>(index, row)[0];
    };

    private static ValueGetter<VBuffer<T>> CreateVector<T>(Func<(ScoreBatch Scores, int Row)> locate, int index) =>
        CreateVectorGetter(locate, (scores, row) => scores.Values<T>(index, row));

    private static ValueGetter<VBuffer<T>> CreateVectorGetter<T>(Func<(ScoreBatch Scores, int Row)> locate, Func<ScoreBatch, int, ReadOnlySpan<T>> read) => (ref VBuffer<T> value) =>
    {
        var (scores, row) = locate();
        var source = read(scores, row);
        var editor = VBufferEditor.Create(ref value, source.Length);
        source.CopyTo(editor.Values);
        value = editor.Commit();
    };

    /// <summary>Casts a getter to the requested type, or throws if the column has another type.</summary>
    public static ValueGetter<TValue> Cast<TValue>(Delegate getter, DataViewSchema.Column column) => getter as ValueGetter<TValue>
        ?? throw new InvalidOperationException($"Column '{column.Name}' holds {column.Type.RawType}; a getter of {typeof(TValue)} was requested.");
}
