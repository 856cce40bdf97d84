/** Requests for the state of dialogs. */
import { idFields, optionalStringFields } from "../client/call-fields.js";
import { StateUpdate, type StateUpdateParts, toStateUpdate } from "../state.js";
import { objectArgument } from "../util/arguments.js";
import { type PreparedRequest, prepareRequest, type RequestAddress } from "./prepared-request.js";

/** The arguments of a request for a dialog. */
export interface DialogRequest extends RequestAddress {
  /** The dialog. */
  readonly dialogId: string;
}

/** The arguments of {@link updateStateRequest}. */
export interface UpdateStateRequest extends DialogRequest {
  /** The update: a `StateUpdate`, or an object with its fields. */
  readonly update: StateUpdate | StateUpdateParts;
  /** Updates the state only if it still has this tag, a strong `ETag` as the server sent it. Default: updates it in any case. */
  readonly ifMatch?: string | undefined;
}

/**
 * Builds the request that reads the state of a dialog.
 *
 * @param request the address and the dialog
 * @returns the request
 * @throws {ValidationError} when the dialog id is invalid
 * @throws {ConfigurationError} when the base URL or a credential is invalid
 * @throws {TypeError} when an argument has the wrong type
 */
export function getStateRequest(request: DialogRequest): PreparedRequest {
  const { dialogId } = objectArgument("request", request);
  return prepareRequest("getState", request, () => idFields({ dialogId }));
}

/**
 * Builds the request that updates the state of a dialog.
 *
 * @param request the address, the dialog and the update
 * @returns the request
 * @throws {ValidationError} with every issue of the dialog id and of the update
 * @throws {ConfigurationError} when the base URL or a credential is invalid
 * @throws {TypeError} when an argument has the wrong type
 */
export function updateStateRequest(request: UpdateStateRequest): PreparedRequest {
  const { dialogId, update, ifMatch } = objectArgument("request", request);
  const encode = () => {
    return StateUpdate.encode(toStateUpdate(update), (session, user, nextStep) => ({
      ...idFields({ dialogId }),
      ...optionalStringFields({ ifMatch }),
      session,
      user,
      nextStep,
    }));
  };
  return prepareRequest("updateState", request, encode);
}
