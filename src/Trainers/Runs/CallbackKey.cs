namespace Sconce.Trainers.Runs;

/// <summary>
/// Identifies a callback by its type, and callbacks of the same type by their order, so that a training can be resumed with additional
/// callbacks of other types.
/// </summary>
/// <param name="Type">The name of its type.</param>
/// <param name="Index">Its index among the callbacks of its type, from 0.</param>
internal sealed record CallbackKey(string Type, int Index)
{
    public static IEnumerable<(TrainingCallback Callback, CallbackKey Key)> Of(IEnumerable<TrainingCallback> callbacks)
    {
        var seen = new Dictionary<string, int>();
        foreach (var callback in callbacks)
        {
            var type = callback.GetType().FullName!;
            var index = seen.GetValueOrDefault(type);
            seen[type] = index + 1;
            yield return (callback, new CallbackKey(type, index));
        }
    }
}
