namespace Sconce.Host;

/// <summary>What was asked for makes no sense: exit code 2.</summary>
internal sealed class UsageException(string message) : Exception(message);
