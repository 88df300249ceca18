namespace Portkey.Portal.Provisioning.Common.Reading;

/// <summary>A text from outside is not read: it is past a limit, or not what it should be. The message names the text, the limit and what
/// to do; where it is not YAML, it also holds the parser's words, which may quote some characters.</summary>
/// <param name="message">For people.</param>
/// <param name="inner">The parser's exception; null where a limit was exceeded.</param>
public sealed class UnreadableException(string message, Exception? inner = null) : Exception(message, inner);
