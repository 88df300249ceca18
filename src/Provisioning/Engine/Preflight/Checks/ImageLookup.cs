using System.Net.Sockets;
using System.Security.Authentication;
using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Provisioning.Engine.Preflight.Checks;

/// <summary>An image with the digest of its manifest.</summary>
/// <param name="Image">As a container names it, such as <c>docker.io/portkeyai/gateway:1.15.2</c>.</param>
/// <param name="Digest">Such as <c>sha256:…</c>; empty where its registry did not report one.</param>
public sealed record ImageDigest(string Image, string Digest);

/// <summary>Result of asking for an image.</summary>
internal enum ImageState
{
    /// <summary>Its registry has it.</summary>
    There,

    /// <summary>Its registry does not have it, or does not let these credentials pull it.</summary>
    Missing,

    /// <summary>It could not be determined.</summary>
    Unknown,
}

/// <summary>What is known of an image now.</summary>
/// <param name="Image">As a container names it.</param>
/// <param name="State">Answer.</param>
/// <param name="Digest">Digest that its registry tells; empty for none.</param>
/// <param name="EnumNames">For people, without a full stop; never a credential.</param>
internal sealed record ImageAnswer(string Image, ImageState State, string Digest, string EnumNames);

/// <summary>Asks registries for images; every address goes through the guard, and credentials go to the registry that they are for
/// alone.</summary>
internal sealed class ImageLookup(OutboundGuard guard)
{
    /// <summary>Asks for one.</summary>
    /// <param name="image">As a container names it.</param>
    /// <param name="pull">Credentials to use; null for none.</param>
    /// <param name="password">Their password; empty for none.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<ImageAnswer> AskAsync(string image, PullSecret? pull, string password, CancellationToken cancellationToken)
    {
        if (ImageReference.TryParse(image) is not { } reference)
        {
            return new(image, ImageState.Missing, "", $"{image} is not an image name with a tag or a digest");
        }

        try
        {
            var user =
                pull is not null && password.Length > 0 && reference.IsOf(pull.Server)
                    ? (pull.User, password)
                    : ((string Name, string Password)?)null;
            var answer = await new ImageRegistry(guard).AskAsync(reference, user, cancellationToken);
            var (state, words) = answer.Status switch
            {
                200 when answer.Digest.Length > 0 && reference.IsByDigest && answer.Digest != reference.Reference => (
                    ImageState.Unknown,
                    $"{reference.Registry} reports another digest, {answer.Digest}, for {reference}"
                ),
                200 => (
                    ImageState.There,
                    $"{reference} is there{(answer.Digest.Length > 0 ? $", {answer.Digest}" : ", its digest was not reported")}"
                ),
                404 => (ImageState.Missing, $"{reference} does not exist"),
                401 or 403 when user is { Name: var name } => (
                    ImageState.Missing,
                    $"{reference.Registry} does not let {name} pull {reference}: the credentials are wrong, or there is no such repository"
                ),
                401 or 403 => (
                    ImageState.Unknown,
                    $"{reference} is not visible without credentials; nodes may pull it by their own identity"
                ),
                var status => (ImageState.Unknown, $"{reference.Registry} answers {status} for {reference}"),
            };
            return new(image, state, state == ImageState.There ? answer.Digest : "", words);
        }
        catch (AddressRefusedException problem)
        {
            return new(image, ImageState.Missing, "", problem.Message.TrimEnd('.'));
        }
        catch (HttpRequestException problem) when (Web.Refusal(problem) is { } refused)
        {
            return new(image, ImageState.Missing, "", refused.Message.TrimEnd('.'));
        }
        catch (Exception problem)
            when (problem is UnreachableException or HttpRequestException or SocketException or IOException or AuthenticationException)
        {
            return new(
                image,
                ImageState.Unknown,
                "",
                $"{reference} could not be asked for: {problem.GetBaseException().Message.TrimEnd('.')}"
            );
        }
    }
}
