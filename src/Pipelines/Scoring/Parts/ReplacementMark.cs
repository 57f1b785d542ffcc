using Sconce.Core.Storage;

namespace Sconce.Pipelines.Scoring.Parts;

/// <summary>
/// Marks an output that is being replaced. A run that is killed before its first part leaves it, so that the old output is not mistaken for the
/// new one.
/// </summary>
/// <param name="path">The file.</param>
internal sealed class ReplacementMark(string path)
{
    public const string FileName = "replacing";

    private bool _isOwn;

    public bool IsThere => File.Exists(path);

    /// <exception cref="IOException">It cannot be created.</exception>
    public void Put()
    {
        if (IsThere)
            return;
        File.WriteAllText(path, "");
        _isOwn = true;
    }

    /// <summary>Deletes it once the output is the new one or no longer wanted.</summary>
    /// <remarks>If it stays, the output is only written again.</remarks>
    public void Delete() => FileOperations.Try(() => File.Delete(path));

    /// <summary>
    /// Deletes it if this process created it: a reported failure tells the user that the output is the old one, but a killed process does
    /// not.
    /// </summary>
    public void TakeBack()
    {
        if (_isOwn)
            Delete();
    }
}
