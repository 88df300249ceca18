namespace Portkey.Portal.Provisioning.Common;

/// <summary>The way by which the portal calls addresses that people name: each is looked at before it is connected to, and no redirect is
/// followed unseen.</summary>
public interface IOutboundHttp
{
    /// <summary>A handler of the caller's own.</summary>
    HttpMessageHandler Handler();
}

/// <summary>A host's address is one that the portal does not call for people.</summary>
public abstract class OutboundRefusedException(string message) : Exception(message)
{
    /// <summary>The refusal inside what a library made of it.</summary>
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
