namespace Portkey.Portal.Provisioning.Common;

/// <summary>How the portal calls addresses that people enter: each is checked before it is connected to, and no redirect is
/// followed unchecked.</summary>
public interface IOutboundHttp
{
    /// <summary>A handler of the caller's own.</summary>
    HttpMessageHandler Handler();
}

/// <summary>A host has an address that the portal does not call for people.</summary>
public abstract class OutboundRefusedException(string message) : Exception(message)
{
    /// <summary>The refusal inside a library's exception.</summary>
    public static OutboundRefusedException? Find(Exception? problem)
    {
        for (
            ;
            problem is not null;
            problem = problem is AggregateException { InnerExceptions: [var first, ..] } ? first : problem.InnerException
        )
        {
            if (problem is OutboundRefusedException refused)
            {
                return refused;
            }
        }

        return null;
    }
}
