namespace Sconce.Trainers.Runs;

/// <summary>Tells a training's callbacks apart by their types, and those of one type by their order: whoever adds one of another type can still resume.</summary>
/// <param name="Type">The name of its type.</param>
/// <param name="Index">Which one of that type it is, from 0.</param>
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
