namespace Sconce.Pipelines.Scoring.Parts;

/// <summary>
/// A file that is there while an output that exists is to be replaced. A process that is killed before its first part leaves it,
/// so that the old output is not taken for the new until one has replaced it.
/// </summary>
/// <param name="path">The file.</param>
internal sealed class ReplacementMark(string path)
{
    public const string FileName = "replacing";

    private bool _isOwn;

    public bool IsThere => File.Exists(path);

    /// <exception cref="IOException">It cannot be made.</exception>
    public void Put()
    {
        if (IsThere)
            return;
        File.WriteAllText(path, "");
        _isOwn = true;
    }

    /// <summary>Deletes it, as the output is the new one or wanted no more.</summary>
    public void Delete()
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It says no more than that the output is to be written again.
        }
    }

    /// <summary>Deletes it if it was not there before: whoever is told of a failure knows that the output is the old one, and of a process that was killed nobody was told.</summary>
    public void TakeBack()
    {
        if (_isOwn)
            Delete();
    }
}
