/** Requests for profiles. */
import { idFields, queryPairs } from "../client/call-fields.js";
import { objectArgument } from "../util/arguments.js";
import { type PreparedRequest, prepareRequest, type RequestAddress, writeValue } from "./prepared-request.js";

/** The arguments of a request for a profile. */
export interface ProfileRequest extends RequestAddress {
  /** The profile: 24 letters and digits. */
  readonly profileId: string;
}

/** The arguments of {@link listProfilesRequest}. */
export interface ListProfilesRequest extends RequestAddress {
  /**
   * Query parameters of the platform, for example `limit`, `skip` and `filter`. Those that are
   * `undefined` are left out. Default: none.
   */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
}

/** The arguments of {@link createProfileRequest}. */
export interface CreateProfileRequest extends RequestAddress {
  /** The fields of the profile: `{ profile?, active?, contactIds? }`. */
  readonly profile: object;
}

/** The arguments of {@link updateProfileRequest}. */
export interface UpdateProfileRequest extends ProfileRequest {
  /** The fields to change: `{ profile?, active?, contactIds? }`. Absent fields stay the same. */
  readonly changes: object;
}

/**
 * Builds the request that lists profiles.
 *
 * @param request the address and the query
 * @returns the request
 * @throws {ConfigurationError} when the base URL or a credential is invalid
 * @throws {TypeError} when an argument has the wrong type
 */
export function listProfilesRequest(request: ListProfilesRequest): PreparedRequest {
  const { query = {} } = objectArgument("request", request);
  const pairs = queryPairs(query);
  return prepareRequest("listProfiles", request, () => ({ query: JSON.stringify(pairs) }));
}

/**
 * Builds the request that reads a profile.
 *
 * @param request the address and the profile
 * @returns the request
 * @throws {ValidationError} when the profile id is invalid
 * @throws {ConfigurationError} when the base URL or a credential is invalid
 * @throws {TypeError} when an argument has the wrong type
 */
export function getProfileRequest(request: ProfileRequest): PreparedRequest {
  const { profileId } = objectArgument("request", request);
  return prepareRequest("getProfile", request, () => idFields({ profileId }));
}

/**
 * Builds the request that creates a profile.
 *
 * @param request the address and the fields of the profile
 * @returns the request
 * @throws {ValidationError} with every issue of the fields
 * @throws {ConfigurationError} when the base URL or a credential is invalid
 * @throws {TypeError} when an argument has the wrong type
 */
export function createProfileRequest(request: CreateProfileRequest): PreparedRequest {
  const { profile } = objectArgument("request", request);
  return prepareRequest("createProfile", request, (texts) => ({ length: writeValue(profile, texts) }));
}

/**
 * Builds the request that changes a profile.
 *
 * @param request the address, the profile and the fields to change
 * @returns the request
 * @throws {ValidationError} with every issue of the profile id and of the fields
 * @throws {ConfigurationError} when the base URL or a credential is invalid
 * @throws {TypeError} when an argument has the wrong type
 */
export function updateProfileRequest(request: UpdateProfileRequest): PreparedRequest {
  const { profileId, changes } = objectArgument("request", request);
  const encode = (texts: string[]) => ({ ...idFields({ profileId }), length: writeValue(changes, texts) });
  return prepareRequest("updateProfile", request, encode);
}

/**
 * Builds the request that deletes a profile.
 *
 * @param request the address and the profile
 * @returns the request
 * @throws {ValidationError} when the profile id is invalid
 * @throws {ConfigurationError} when the base URL or a credential is invalid
 * @throws {TypeError} when an argument has the wrong type
 */
export function deleteProfileRequest(request: ProfileRequest): PreparedRequest {
  const { profileId } = objectArgument("request", request);
  return prepareRequest("deleteProfile", request, () => idFields({ profileId }));
}
