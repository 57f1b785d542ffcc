using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Files
{
    /// <summary>Stub.</summary>
    public sealed record RowColumn(string Name, DataViewType? Type = null)
    {
        /// <summary>Stub.</summary>
        public IReadOnlyList<string>? Fields { get; init; }
    }

    /// <summary>Stub.</summary>
    public sealed record LoadRowsOptions
    {
        /// <summary>Stub.</summary>
        public string? Format { get; init; }

        /// <summary>Stub.</summary>
        public IReadOnlyList<RowColumn>? Columns { get; init; }

        /// <summary>Stub.</summary>
        public bool? HasHeader { get; init; }

        /// <summary>Stub.</summary>
        public char? Delimiter { get; init; }

        /// <summary>Stub.</summary>
        public char? EscapeCharacter { get; init; }

        /// <summary>Stub.</summary>
        public char DecimalMarker { get; init; } = '.';

        /// <summary>Stub.</summary>
        public string? DateTimeFormat { get; init; }

        /// <summary>Stub.</summary>
        public CancellationToken CancellationToken { get; init; }
    }
}

namespace Microsoft.ML
{
    /// <summary>Stub.</summary>
    public static class StubCatalog
    {
        /// <summary>Stub.</summary>
        public static IDataView LoadRows(this DataOperationsCatalog catalog, IReadOnlyList<string> paths, Sconce.Files.LoadRowsOptions? options = null) => throw new NotSupportedException();
    }
}
