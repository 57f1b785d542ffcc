namespace Sconce.Pipelines.Scoring.Parts;

/// <summary>
/// A file that exists while an existing output is being replaced. A process that is killed before its first part leaves it, so that the
/// old output is not mistaken for the new one.
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

    /// <summary>Deletes it, as the output is the new one or no longer wanted.</summary>
    public void Delete()
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It only causes the output to be written again.
        }
    }

    /// <summary>Deletes it if this process created it: a failure that is reported tells the user that the output is the old one; a kill does not.</summary>
    public void TakeBack()
    {
        if (_isOwn)
            Delete();
    }
}
